import { Tooltip as Radix } from 'radix-ui';
import type { ReactElement, ReactNode } from 'react';
import { usePortalContainer } from './stage';
import styles from './tooltip.module.css';

export type Side = 'top' | 'right' | 'bottom' | 'left';

export interface TooltipProps {
  readonly content: ReactNode;
  /** A key that does the same, such as `M`. */
  readonly shortcut?: string | undefined;
  readonly side?: Side | undefined;
  readonly children: ReactElement;
}

/** One around the whole page: neighbours then show theirs without waiting again. */
export function TooltipProvider({ children }: { children: ReactNode }) {
  return (
    <Radix.Provider delayDuration={500} skipDelayDuration={200} disableHoverableContent>
      {children}
    </Radix.Provider>
  );
}

/** Says what an icon does. It repeats an accessible name that is there already, so it is not read out a second time. */
export function Tooltip({ content, shortcut, side = 'top', children }: TooltipProps) {
  const container = usePortalContainer();
  return (
    <Radix.Root>
      <Radix.Trigger asChild>{children}</Radix.Trigger>
      <Radix.Portal container={container}>
        <Radix.Content className={styles.tooltip} side={side} sideOffset={6} collisionPadding={8}>
          {content}
          {shortcut && <kbd className={styles.key}>{shortcut}</kbd>}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
