import { type ComponentProps, createContext, useContext, useState } from 'react';
import { cx } from './cx';

const PortalContainer = createContext<HTMLElement | null>(null);

/** Where menus, dialogs and tooltips are put: the page's body, or the stage that they belong to. */
export function usePortalContainer(): HTMLElement | null {
  return useContext(PortalContainer);
}

/**
 * A place that is dark in both themes. Menus and dialogs opened inside it are put inside it, so
 * that they have its colours and are still there when it fills the screen.
 */
export function Stage({ className, children, ...rest }: ComponentProps<'div'>) {
  const [container, setContainer] = useState<HTMLElement | null>(null);
  return (
    <div {...rest} className={cx('stage', className)}>
      <PortalContainer value={container}>{children}</PortalContainer>
      <div ref={setContainer} />
    </div>
  );
}
