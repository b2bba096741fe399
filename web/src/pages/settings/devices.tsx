import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Laptop, Smartphone } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, type Device, session } from '@/api';
import { Badge, Button, Card, ConfirmDialog, FourStates, Skeleton, SkeletonGroup, useToast } from '@/design';
import { useFormat } from '@/i18n';
import { keys } from '@/pages/queries';
import { nameClient } from './client-name';
import styles from './devices.module.css';

/** Where one is signed in. */
export function Devices() {
  const { t } = useTranslation('settings');
  const devices = useQuery({ queryKey: keys.devices, queryFn: ({ signal }) => api.devices.list(signal) });
  const [asking, setAsking] = useState(false);
  const toast = useToast();
  const everywhere = useMutation({
    mutationFn: () => api.devices.signOutEverywhere(),
    onSuccess: () => session.forget(),
    onError: (error) => {
      setAsking(false);
      toast(error.message, { tone: 'wrong' });
    },
  });
  return (
    <Card
      title={t('devices.title')}
      description={t('devices.words')}
      flush
      actions={
        <Button variant="danger-quiet" onClick={() => setAsking(true)}>
          {t('devices.everywhere')}
        </Button>
      }
    >
      <FourStates answer={devices} busy={<Busy />}>
        {({ devices: list }) => (
          <ul className={styles.list}>
            {list.map((device) => (
              <Row key={device.id} device={device} />
            ))}
          </ul>
        )}
      </FourStates>
      <ConfirmDialog
        open={asking}
        onOpenChange={setAsking}
        title={t('devices.everywhereTitle')}
        description={t('devices.everywhereWords')}
        action={t('devices.everywhere')}
        busy={everywhere.isPending}
        onConfirm={() => everywhere.mutate()}
      />
    </Card>
  );
}

function Row({ device }: { device: Device }) {
  const { t } = useTranslation('settings');
  const format = useFormat();
  const queries = useQueryClient();
  const toast = useToast();
  const { browser, system, phone } = nameClient(device.client);
  const Icon = phone ? Smartphone : Laptop;
  const signOut = useMutation({
    mutationFn: () => api.devices.signOut(device.id),
    onSuccess: () => toast(t('devices.done'), { tone: 'good' }),
    onError: (error) => toast(error.message, { tone: 'wrong' }),
    onSettled: () => queries.invalidateQueries({ queryKey: keys.devices }),
  });
  return (
    <li className={styles.row}>
      <Icon size={20} className={styles.icon} aria-hidden="true" />
      <div className={styles.words}>
        <p className={styles.name} title={device.client}>
          {browser && system ? t('devices.on', { browser, system }) : (browser ?? system ?? t('devices.unknown'))}
          {device.current && <Badge tone="jade">{t('devices.current')}</Badge>}
        </p>
        <p className={styles.detail}>
          {t('devices.used', { ago: format.ago(new Date(device.lastUsedAt)) })} ·{' '}
          {t('devices.since', { time: format.moment(new Date(device.createdAt)) })}
        </p>
      </div>
      {!device.current && (
        <Button busy={signOut.isPending} onClick={() => signOut.mutate()}>
          {t('devices.signOut')}
        </Button>
      )}
    </li>
  );
}

function Busy() {
  return (
    <SkeletonGroup className={styles.list}>
      {[36, 44].map((width) => (
        <div key={width} className={styles.row}>
          <Skeleton shape="block" width={20} height={20} />
          <div className={styles.words}>
            <Skeleton width={`${width}%`} />
            <Skeleton width={`${width + 16}%`} />
          </div>
        </div>
      ))}
    </SkeletonGroup>
  );
}
