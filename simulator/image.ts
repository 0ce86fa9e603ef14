/** What becomes of an image that was admitted. */
export type End = 'ready' | 'rejected' | 'failed';

/** An image, with what its row would have. Times are seconds since the start. */
export interface Image {
  readonly id: number;
  readonly tenant: string;
  /** In ordinary photographs. */
  readonly work: number;
  readonly askedAt: number;
  readonly obedient: boolean;
  /** Its bytes crash the sandbox. */
  readonly poison: boolean;
  /** Its bytes went through the API, so the database knows of it at once. */
  readonly direct: boolean;
  admittedAt: number;
  uploadedAt: number;
  endedAt: number | undefined;
  end: End | undefined;
  /** Raised by each claim. A commit with another one is fenced off. */
  attempt: number;
  /** Until when the claim of a worker counts; 0 for none. */
  leaseUntil: number;
  /** Variants that a brown-out left for later. */
  pending: boolean;
}

/** A message of the queue. */
export interface Message {
  readonly image: Image;
  /** Sent by the sweep to complete a ready image. */
  readonly complete: boolean;
  sentAt: number;
  firstReceivedAt: number | undefined;
  receives: number;
}
