/** Numbers of images, of all tenants and of the caller. Absent: unbounded or not counted. */
export interface ImageCounts {
  all?: number | undefined;
  tenant?: number | undefined;
}

/** Input of the admission decision, read by the statement that inserts the image. */
export interface AdmissionReadings {
  /** Unfinished images before this one, each counted only up to its bound. */
  unfinished: ImageCounts;
  /** Images of all tenants that reached a final status in the last minute. 0 if no bound was reached. */
  finishedInLastMinute: number;
}
