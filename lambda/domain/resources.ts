/** What a quota counts. Megapixels are those of the originals. */
export const resources = ['requests', 'images', 'bytes', 'megapixels'] as const;
export type Resource = (typeof resources)[number];
export type Amounts = Partial<Record<Resource, number>>;
