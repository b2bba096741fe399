import { Popover as Radix } from 'radix-ui';
import type { ComponentProps, ReactNode } from 'react';
import { usePortalContainer } from '@/design';
import styles from './popover.module.css';

/** Something small over the page that belongs to a button. */
export function Popover({
  open,
  onOpenChange,
  trigger,
  label,
  side = 'top',
  align = 'end',
  children,
}: {
  readonly open: boolean;
  readonly onOpenChange: (open: boolean) => void;
  readonly trigger: ReactNode;
  readonly label: string;
  readonly side?: ComponentProps<typeof Radix.Content>['side'];
  readonly align?: ComponentProps<typeof Radix.Content>['align'];
  readonly children: ReactNode;
}) {
  const container = usePortalContainer();
  return (
    <Radix.Root open={open} onOpenChange={onOpenChange}>
      <Radix.Trigger asChild>{trigger}</Radix.Trigger>
      <Radix.Portal container={container}>
        <Radix.Content className={styles.popover} side={side} align={align} sideOffset={6} collisionPadding={8} aria-label={label}>
          {children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
