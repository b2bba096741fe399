import { Check } from 'lucide-react';
import { DropdownMenu as Radix } from 'radix-ui';
import type { ComponentProps, ReactNode } from 'react';
import { cx } from './cx';
import styles from './menu.module.css';
import { usePortalContainer } from './stage';

/** `<Menu><MenuTrigger><Button/></MenuTrigger><MenuContent><MenuItem/>...</MenuContent></Menu>` */
export function Menu(props: ComponentProps<typeof Radix.Root>) {
  return <Radix.Root modal={false} {...props} />;
}

export function MenuTrigger({ children }: { children: ReactNode }) {
  return <Radix.Trigger asChild>{children}</Radix.Trigger>;
}

export function MenuContent({ className, children, ...rest }: ComponentProps<typeof Radix.Content>) {
  const container = usePortalContainer();
  return (
    <Radix.Portal container={container}>
      <Radix.Content align="end" sideOffset={6} collisionPadding={8} {...rest} className={cx(styles.menu, className)}>
        {children}
      </Radix.Content>
    </Radix.Portal>
  );
}

interface ItemLook {
  readonly icon?: ReactNode;
  /** At the right: a key or a state. */
  readonly hint?: ReactNode;
  readonly danger?: boolean | undefined;
}

export function MenuItem({ icon, hint, danger, className, children, ...rest }: ComponentProps<typeof Radix.Item> & ItemLook) {
  return (
    <Radix.Item {...rest} className={cx(styles.item, danger && styles.danger, className)}>
      {icon !== undefined && <span className={styles.icon}>{icon}</span>}
      <span className={styles.words}>{children}</span>
      {hint && <span className={styles.hint}>{hint}</span>}
    </Radix.Item>
  );
}

export interface MenuChoicesProps<Value extends string> {
  readonly value: Value;
  readonly onChange: (value: Value) => void;
  readonly choices: readonly { readonly value: Value; readonly label: ReactNode; readonly lang?: string }[];
}

/** One of several, with a tick at the one that is. */
export function MenuChoices<Value extends string>({ value, onChange, choices }: MenuChoicesProps<Value>) {
  return (
    <Radix.RadioGroup value={value}>
      {choices.map((choice) => (
        <Radix.RadioItem
          key={choice.value}
          value={choice.value}
          className={styles.item}
          lang={choice.lang}
          onSelect={() => onChange(choice.value)}
        >
          <Tick />
          <span className={styles.words}>{choice.label}</span>
        </Radix.RadioItem>
      ))}
    </Radix.RadioGroup>
  );
}

export function MenuLabel({ children }: { children: ReactNode }) {
  return <Radix.Label className={styles.label}>{children}</Radix.Label>;
}

export function MenuSeparator() {
  return <Radix.Separator className={styles.separator} />;
}

function Tick() {
  return (
    <span className={styles.icon}>
      <Radix.ItemIndicator>
        <Check size={18} aria-hidden="true" />
      </Radix.ItemIndicator>
    </span>
  );
}
