/* Replaces `bowser` in the bundle (`bundle.ts`): the SDK only asks it for the browser's name; its tables take 34 kB. */
export {};
