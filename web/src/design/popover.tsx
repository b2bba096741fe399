import { Popover as Radix } from 'radix-ui';
import type { ComponentProps, ReactNode } from 'react';
import { cx } from './cx';
import styles from './popover.module.css';
import { usePortalContainer } from './stage';

export const Popover = Radix.Root;

export function PopoverTrigger({ children }: { children: ReactNode }) {
  return <Radix.Trigger asChild>{children}</Radix.Trigger>;
}

/** Closes the popover around it. */
export function PopoverClose({ children }: { children: ReactNode }) {
  return <Radix.Close asChild>{children}</Radix.Close>;
}

export function PopoverContent({ className, children, ...rest }: ComponentProps<typeof Radix.Content>) {
  const container = usePortalContainer();
  return (
    <Radix.Portal container={container}>
      <Radix.Content sideOffset={6} collisionPadding={8} {...rest} className={cx(styles.popover, className)}>
        {children}
      </Radix.Content>
    </Radix.Portal>
  );
}
