/** Stands in for the package `long`, see vite.config.ts. */
export {};
