/** The player of the page, for all that stands around it. */
import { createContext, useContext } from 'react';
import { useStore } from '@/core/store';
import type { Player, PlayerState } from './player';

export interface PlayerScope {
  readonly player: Player;
  /** To a moment, and on from there. Where there is nothing to hear, the transcript shows it. */
  readonly jump: (atMs: number) => void;
}

export const PlayerContext = createContext<PlayerScope | null>(null);

export function usePlayer(): PlayerScope {
  const scope = useContext(PlayerContext);
  if (!scope) throw new Error('usePlayer needs the PlayerContext around it.');
  return scope;
}

export function usePlayerState<Part>(select: (state: PlayerState) => Part): Part {
  return useStore(usePlayer().player.state, select);
}
