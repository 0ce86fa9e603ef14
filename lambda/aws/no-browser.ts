/*
 * The build puts this in the place of `bowser` (`bundle.ts`), which tells browsers apart. The SDK asks it for the name
 * of the browser that it runs in; in a Lambda there is none, and its tables are 34 kB of each function.
 */
export {};
