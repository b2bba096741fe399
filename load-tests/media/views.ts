/**
 * Who looks at whom. Most pages show the same pictures: those who speak, then those who came first;
 * a few people have turned to another page of the gallery.
 */
export interface ViewsOptions {
  /** Pictures, in the order of the gallery. */
  readonly cameras: readonly { readonly owner: number; readonly producerId: string }[];
  readonly people: readonly number[];
  readonly shown: number;
  /** Of 100 people, so many. */
  readonly browsing: number;
}

export function chooseViews({ cameras, people, shown, browsing }: ViewsOptions): ReadonlyMap<number, readonly string[]> {
  const views = new Map<number, readonly string[]>();
  const pages = Math.max(1, Math.ceil(cameras.length / shown));
  let page = 0;
  people.forEach((person, at) => {
    // Evenly spread, so that every run is the same.
    const browses = Math.floor(((at + 1) * browsing) / 100) > Math.floor((at * browsing) / 100);
    if (browses) page = (page + 1) % pages;
    const others = cameras.filter(({ owner }) => owner !== person);
    const from = browses ? page * shown : 0;
    views.set(
      person,
      others.slice(from, from + shown).map(({ producerId }) => producerId),
    );
  });
  return views;
}
