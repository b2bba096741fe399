import { Tabs as Radix } from 'radix-ui';
import { type ReactNode, useEffect, useRef } from 'react';
import { cx } from './cx';
import styles from './tabs.module.css';

export interface TabsProps<Value extends string> {
  readonly value: Value;
  readonly onChange: (value: Value) => void;
  /** What the tabs are about, for screen readers. */
  readonly label: string;
  readonly tabs: readonly { readonly value: Value; readonly label: ReactNode; readonly icon?: ReactNode }[];
  readonly className?: string | undefined;
  /** One TabPanel for each tab. */
  readonly children: ReactNode;
}

export function Tabs<Value extends string>({ value, onChange, label, tabs, className, children }: TabsProps<Value>) {
  const list = useRef<HTMLDivElement>(null);
  // There may be more of them than fit: the one that is open is among those to be seen.
  // biome-ignore lint/correctness/useExhaustiveDependencies: it moves when another one is opened.
  useEffect(() => {
    const open = list.current?.querySelector<HTMLElement>('[data-state="active"]');
    if (list.current && open) list.current.scrollLeft = open.offsetLeft - (list.current.clientWidth - open.offsetWidth) / 2;
  }, [value]);
  const choose = (chosen: string): void => {
    const tab = tabs.find((candidate) => candidate.value === chosen);
    if (tab) onChange(tab.value);
  };
  return (
    <Radix.Root value={value} onValueChange={choose} className={className}>
      <Radix.List ref={list} className={styles.list} aria-label={label}>
        {tabs.map((tab) => (
          <Radix.Trigger key={tab.value} value={tab.value} className={styles.tab}>
            {tab.icon}
            {tab.label}
          </Radix.Trigger>
        ))}
      </Radix.List>
      {children}
    </Radix.Root>
  );
}

export function TabPanel({ value, className, children }: { value: string; className?: string | undefined; children: ReactNode }) {
  return (
    <Radix.Content value={value} className={cx(styles.panel, className)}>
      {children}
    </Radix.Content>
  );
}
