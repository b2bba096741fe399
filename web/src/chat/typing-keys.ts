import type { KeyboardEvent } from 'react';

/** Enter also takes a word of an input method; 229 is what browsers report that don't set isComposing then. */
export function isComposing(event: KeyboardEvent): boolean {
  return event.nativeEvent.isComposing || event.keyCode === 229;
}
