/** The build without what our streams have not: other languages, subtitles, protection. Its types are those of the whole. */
declare module 'hls.js/light' {
  import Hls from 'hls.js';

  export * from 'hls.js';
  export default Hls;
}
