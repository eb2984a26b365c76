export { loadSite, type LoadedSite } from './load.ts';
export { siteError, siteReader, type SiteReader, type SiteReaderOptions } from './reader.ts';
export { initSite } from './init.ts';
