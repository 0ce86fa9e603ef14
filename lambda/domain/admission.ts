/** Numbers of images: of all tenants together, and of the tenant that asks. Absent: not bounded, or not counted. */
export interface ImageCounts {
  all?: number | undefined;
  tenant?: number | undefined;
}

/** What admission is decided by. The statement that inserts the image reads it. */
export interface AdmissionReadings {
  /** Unfinished images before this one, each counted only as far as its bound needs. */
  unfinished: ImageCounts;
  /** Images of all tenants that reached their final status in the last minute. 0 where no bound was reached. */
  finishedInLastMinute: number;
}
