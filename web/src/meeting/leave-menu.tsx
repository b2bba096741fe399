import { LogOut, PhoneOff } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useStore } from '@/core';
import { ConfirmDialog, Menu, MenuContent, MenuItem, MenuTrigger } from '@/design';
import { useMeeting } from './meeting-context';

export interface LeaveMenuProps {
  readonly onLeave: () => void;
  readonly onEndForAll: () => void;
  readonly children: ReactNode;
}

/** A host leaves alone, or ends it for everybody, which is asked once more. */
export function LeaveMenu({ onLeave, onEndForAll, children }: LeaveMenuProps) {
  const { t } = useTranslation('meeting');
  const { client } = useMeeting();
  const count = useStore(client.store, (state) => (state.meeting?.participants.size ?? 1) + (state.meeting?.viewers ?? 0));
  const [asking, setAsking] = useState(false);
  return (
    <>
      <Menu>
        <MenuTrigger>{children}</MenuTrigger>
        <MenuContent side="top" align="end">
          <MenuItem icon={<LogOut size={18} />} onSelect={onLeave}>
            {t('leave.leave')}
          </MenuItem>
          <MenuItem danger icon={<PhoneOff size={18} />} onSelect={() => setAsking(true)}>
            {t('leave.end')}
          </MenuItem>
        </MenuContent>
      </Menu>
      <ConfirmDialog
        open={asking}
        onOpenChange={setAsking}
        title={t('leave.confirmTitle')}
        description={t('leave.confirmWords', { count })}
        action={t('leave.end')}
        onConfirm={() => {
          setAsking(false);
          onEndForAll();
        }}
      />
    </>
  );
}
