import { ChevronDown } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { PersonQuality } from '@/api';
import { Avatar, Badge, cx, IconButton, useMedia, VisuallyHidden } from '@/design';
import { useFormat } from '@/i18n';
import { gradeName, gradeTone } from './grade';
import styles from './quality-table.module.css';
import { Sparkline } from './sparkline';

export interface QualityTableProps {
  /** The one who suffered most first. */
  readonly people: readonly PersonQuality[];
  readonly from: Date | null;
}

const columns = ['grade', 'time', 'lossIn', 'lossOut', 'jitter', 'roundTrip', 'freezes', 'picture'] as const;
type Column = (typeof columns)[number];

/** A table where there is room for one, else a card for each person. */
export function QualityTable({ people, from }: QualityTableProps) {
  const { t } = useTranslation('quality');
  const wide = useMedia('(min-width: 1240px)');
  if (!wide) {
    return (
      <ul className={styles.cards}>
        {people.map((person) => (
          <Card key={person.personId} person={person} from={from} />
        ))}
      </ul>
    );
  }
  return (
    <div className={styles.frame}>
      <table className={styles.table}>
        <thead>
          <tr>
            <th scope="col">{t('column.name')}</th>
            {columns.map((column) => (
              <th key={column} scope="col">
                {t(`column.${column}`)}
              </th>
            ))}
            <td />
          </tr>
        </thead>
        {people.map((person) => (
          <Rows key={person.personId} person={person} from={from} />
        ))}
      </table>
    </div>
  );
}

interface PersonProps {
  readonly person: PersonQuality;
  readonly from: Date | null;
}

function Rows({ person, from }: PersonProps) {
  const { t } = useTranslation('quality');
  const figures = useFigures(person);
  const [open, setOpen] = useState(false);
  return (
    <tbody>
      <tr>
        <th scope="row">
          <Who person={person} />
        </th>
        {columns.map((column) => (
          <td key={column}>
            {figures[column]}
            {column === 'grade' && <Sparkline grades={person.grades} from={from} />}
          </td>
        ))}
        <td className={styles.opener}>
          <IconButton
            label={t('detailsOf', { name: person.name })}
            aria-expanded={open}
            icon={<ChevronDown size={20} aria-hidden="true" className={cx(styles.chevron, open && styles.open)} />}
            onClick={() => setOpen(!open)}
          />
        </td>
      </tr>
      {open && (
        <tr className={styles.more}>
          <td colSpan={columns.length + 2}>
            <Details person={person} />
          </td>
        </tr>
      )}
    </tbody>
  );
}

function Card({ person, from }: PersonProps) {
  const { t } = useTranslation('quality');
  const figures = useFigures(person);
  return (
    <li className={styles.card}>
      <div className={styles.top}>
        <Who person={person} />
        {figures.grade}
      </div>
      <Sparkline grades={person.grades} from={from} />
      <dl className={styles.figures}>
        {columns.map(
          (column) =>
            column !== 'grade' && (
              <Fact key={column} name={t(`column.${column}`)}>
                {figures[column]}
              </Fact>
            ),
        )}
      </dl>
      <details className={styles.details}>
        <summary>{t('details')}</summary>
        <Details person={person} />
      </details>
    </li>
  );
}

function Who({ person }: { readonly person: PersonQuality }) {
  const { t } = useTranslation(['quality', 'common']);
  return (
    <div className={styles.who}>
      <Avatar name={person.name} id={person.personId} size={28} />
      <div className={styles.whoWords}>
        <span className={styles.name}>{person.name}</span>
        {person.guest && <Badge>{t('common:role.guest')}</Badge>}
        {person.causes.length > 0 && (
          <span className={styles.causes}>
            {person.causes
              .slice(0, 2)
              .map((cause) => t(`cause.${cause}`))
              .join(' · ')}
          </span>
        )}
      </div>
    </div>
  );
}

function useFigures(person: PersonQuality): Readonly<Record<Column, ReactNode>> {
  const { t } = useTranslation('quality');
  const format = useFormat();
  const unknown = (
    <span className={styles.unknown} title={t('unknown')}>
      <span aria-hidden="true">–</span>
      <VisuallyHidden>{t('unknown')}</VisuallyHidden>
    </span>
  );
  const ratio = (value: number | null) => (value === null ? unknown : format.percent(value));
  const ms = (value: { p95: number } | null) => (value === null ? unknown : t('ms', { value: format.number(Math.round(value.p95)) }));
  const name = gradeName(person.grade);
  const { freezes, picture } = person;
  return {
    grade: (
      <Badge tone={gradeTone[name]}>
        {t(`grade.${name}`)}
        {person.grade !== null && <span className={styles.number}>{format.number(person.grade)}</span>}
      </Badge>
    ),
    time: format.span(person.seconds * 1_000),
    lossIn: ratio(person.lossIn),
    lossOut: ratio(person.lossOut),
    jitter: ms(person.jitterMs),
    roundTrip: ms(person.roundTripMs),
    freezes:
      freezes.count === 0
        ? t('none')
        : t('freezes', { times: format.number(freezes.count), seconds: format.number(Math.round(freezes.seconds)) }),
    picture: picture === null ? unknown : t('picture', { width: picture.best.width, height: picture.best.height }),
  };
}

/** What explains the figures, for those who want to know it exactly. */
function Details({ person }: { readonly person: PersonQuality }) {
  const { t } = useTranslation('quality');
  const { number, percent, span } = useFormat();
  const { picture, limited } = person;
  const ms = (value: { p50: number } | null): string => (value === null ? t('unknown') : t('ms', { value: number(Math.round(value.p50)) }));
  const rate = (bits: number): string => t('rate', { value: number(bits / 1_000_000) });
  return (
    <dl className={styles.figures}>
      <Fact name={t('column.limited')}>{person.causes.map((cause) => t(`cause.${cause}`)).join(' · ') || t('none')}</Fact>
      <Fact name={t('detail.median')}>{ms(person.roundTripMs)}</Fact>
      <Fact name={t('detail.jitterMedian')}>{ms(person.jitterMs)}</Fact>
      <Fact name={t('detail.concealed')}>{percent(person.concealed)}</Fact>
      {picture && (
        <Fact name={t('detail.typical')}>
          {t('pictureRate', { width: picture.typical.width, height: picture.typical.height, rate: picture.typical.framesPerSecond })}
        </Fact>
      )}
      <Fact name={t('detail.in')}>{rate(person.bitsPerSecondIn)}</Fact>
      <Fact name={t('detail.out')}>{rate(person.bitsPerSecondOut)}</Fact>
      <Fact name={t('detail.starved')}>{percent(person.starved)}</Fact>
      <Fact name={t('detail.limitedCpu')}>{percent(limited.cpu)}</Fact>
      <Fact name={t('detail.limitedBandwidth')}>{percent(limited.bandwidth)}</Fact>
      <Fact name={t('detail.relayed')}>{percent(person.relayed)}</Fact>
      <Fact name={t('detail.measured')}>{span(person.measuredSeconds * 1_000)}</Fact>
    </dl>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <div className={styles.fact}>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
