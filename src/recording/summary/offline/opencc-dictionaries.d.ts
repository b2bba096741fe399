/** The parts of opencc-js that it exports without types: pairs of characters, `萬 万|與 与`. */
declare module 'opencc-js/dict/*' {
  const pairs: string;
  export default pairs;
}
