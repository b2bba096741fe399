import { Plus } from 'lucide-react';
import type { ReactNode } from 'react';
import { type Answer, Button, Card, FourStates } from '@/design';
import admin from './admin.module.css';
import { BusyRows } from './busy-rows';

export interface ListCardProps<Data, Item> {
  readonly title: string;
  readonly description: string;
  /** The button that makes one more. */
  readonly add: string;
  readonly icon?: ReactNode;
  readonly onAdd: () => void;
  readonly answer: Answer<Data>;
  readonly itemsOf: (data: Data) => readonly Item[];
  readonly empty: string;
  readonly children: (items: readonly Item[]) => ReactNode;
}

/** A list that one adds to. */
export function ListCard<Data, Item>({
  title,
  description,
  add,
  icon = <Plus size={18} aria-hidden="true" />,
  onAdd,
  answer,
  itemsOf,
  empty,
  children,
}: ListCardProps<Data, Item>) {
  return (
    <Card
      title={title}
      description={description}
      flush
      actions={
        <Button icon={icon} onClick={onAdd}>
          {add}
        </Button>
      }
    >
      <FourStates
        answer={answer}
        busy={<BusyRows />}
        isEmpty={(data) => itemsOf(data).length === 0}
        empty={<p className={admin.none}>{empty}</p>}
      >
        {(data) => children(itemsOf(data))}
      </FourStates>
    </Card>
  );
}
