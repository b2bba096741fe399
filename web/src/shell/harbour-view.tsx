import styles from './harbour-view.module.css';

/** The view from the room: hills, a sleeping skyline, the causeway and its one warm light. Decoration only. */
export function HarbourView({ className }: { className?: string | undefined }) {
  return (
    <svg className={className} viewBox="0 0 640 320" preserveAspectRatio="xMidYMax slice" fill="none" aria-hidden="true">
      <path
        className={styles.far}
        d="M0 172c52-8 84-44 124-52 34-7 58 18 90 10 40-10 66-58 104-60 30-2 46 30 78 40 36 11 58-20 96-14 54 9 84 58 148 66v80H0Z"
      />
      <path className={styles.near} d="M0 196c60-6 104-34 160-34 66 0 96 26 156 24 58-2 92-40 150-40 70 0 108 42 174 46v50H0Z" />
      <g className={styles.town}>
        <path d="M54 178h16v48H54zM76 160h20v66H76zM102 184h14v42h-14zM122 170h12v56h-12zM140 190h22v36h-22zM468 176h18v50h-18zM492 148h14v78h-14zM512 168h22v58h-22zM540 182h16v44h-16zM562 158h18v68h-18zM586 186h20v40h-20z" />
      </g>
      <g className={styles.windows}>
        <path d="M80 168h3v3h-3zM88 176h3v3h-3zM80 190h3v3h-3zM58 188h3v3h-3zM126 180h3v3h-3zM496 158h3v3h-3zM500 172h3v3h-3zM496 186h3v3h-3zM518 178h3v3h-3zM526 190h3v3h-3zM566 168h3v3h-3zM572 182h3v3h-3zM592 196h3v3h-3zM474 188h3v3h-3z" />
      </g>
      <path className={styles.water} d="M0 230h640v90H0z" />
      <g className={styles.bridge}>
        <path d="M0 214h640v6H0z" />
        <path d="M0 218h640v18h-11.3a42 13 0 0 0-84 0h-22.7a42 13 0 0 0-84 0h-22.7a42 13 0 0 0-84 0h-22.7a42 13 0 0 0-84 0h-22.7a42 13 0 0 0-84 0h-22.7a42 13 0 0 0-84 0H0z" />
        <path d="M318 178h4v38h-4z" />
      </g>
      <circle className={styles.glow} cx="320" cy="172" r="34" />
      <circle className={styles.glow} cx="320" cy="172" r="18" />
      <circle className={styles.lantern} cx="320" cy="172" r="8" />
      <g className={styles.reflection}>
        <path d="M311 250h18M305 262h30M313 274h16M308 288h24M315 300h11" />
      </g>
      <g className={styles.ripples}>
        <path d="M60 252h44M132 268h30M196 246h22M420 256h36M498 272h48M566 250h24M82 292h28M236 290h24M404 296h34M552 298h32" />
      </g>
    </svg>
  );
}
