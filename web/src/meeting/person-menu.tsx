import type { ParticipantState } from '@server/signaling/meeting-state';
import { Ellipsis, Hand, MicOff, MicVocal, Pin, PinOff, ShieldCheck, ShieldOff, Star, StarOff, Undo2, UserX } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { causeway } from '#proto';
import { isHost, isModerator, isSending, isWebinar, myself, useStore } from '@/core';
import { ConfirmDialog, IconButton, Menu, MenuContent, MenuItem, MenuSeparator, MenuTrigger } from '@/design';
import { useMeeting } from './meeting-context';

export interface PersonMenuProps {
  readonly participant: ParticipantState;
  readonly className?: string | undefined;
  readonly pinned?: boolean | undefined;
  readonly onPin?: (() => void) | undefined;
  readonly withModeration?: boolean | undefined;
}

const { Role, Source } = causeway;

/** What one can do with somebody: pin, and for hosts what keeps the meeting in order. */
export function PersonMenu({ participant, className, pinned, onPin, withModeration = true }: PersonMenuProps) {
  const { t } = useTranslation('meeting');
  const { client } = useMeeting();
  const [removing, setRemoving] = useState(false);
  const me = useStore(client.store, myself);
  const webinar = useStore(client.store, (state) => isWebinar(state.meeting));
  const spotlit = useStore(client.store, (state) => state.meeting?.spotlight.includes(participant.id) ?? false);
  const { id, name, role, handRaisedAt, guest } = participant;
  /** What somebody is without being a host. */
  const ordinary = webinar ? Role.ROLE_PRESENTER : Role.ROLE_ATTENDEE;
  const isMe = me?.id === id;
  const moderates = withModeration && isModerator(me);
  const decidesRoles = withModeration && isHost(me) && !isMe;
  const speaks = isSending(participant, Source.SOURCE_MICROPHONE);
  if (!onPin && !moderates) return null;
  return (
    <>
      <Menu>
        <MenuTrigger>
          <IconButton label={t('stage.actionsFor', { name })} icon={<Ellipsis size={20} aria-hidden="true" />} className={className} />
        </MenuTrigger>
        <MenuContent>
          {onPin && (
            <MenuItem icon={pinned ? <PinOff size={18} /> : <Pin size={18} />} onSelect={onPin}>
              {pinned ? t('stage.unpin') : t('stage.pin')}
            </MenuItem>
          )}
          {moderates && (
            <MenuItem icon={spotlit ? <StarOff size={18} /> : <Star size={18} />} onSelect={() => void client.setSpotlight(id, !spotlit)}>
              {spotlit ? t('stage.unspotlight') : t('stage.spotlight')}
            </MenuItem>
          )}
          {moderates && !isMe && speaks && (
            <MenuItem icon={<MicOff size={18} />} onSelect={() => void client.mute(id)}>
              {t('people.mute')}
            </MenuItem>
          )}
          {moderates && !isMe && !speaks && (
            <MenuItem icon={<MicVocal size={18} />} onSelect={() => void client.askToUnmute(id)}>
              {t('people.askToUnmute')}
            </MenuItem>
          )}
          {moderates && handRaisedAt > 0 && (
            <MenuItem icon={<Hand size={18} />} onSelect={() => void client.lowerHand(id)}>
              {t('people.lowerHand')}
            </MenuItem>
          )}
          {decidesRoles && role === ordinary && (
            <MenuItem icon={<ShieldCheck size={18} />} onSelect={() => void client.setRole(id, Role.ROLE_CO_HOST)}>
              {t('people.makeCoHost')}
            </MenuItem>
          )}
          {decidesRoles && !guest && role !== Role.ROLE_HOST && (
            <MenuItem icon={<ShieldCheck size={18} />} onSelect={() => void client.setRole(id, Role.ROLE_HOST)}>
              {t('people.makeHost')}
            </MenuItem>
          )}
          {decidesRoles && role !== ordinary && (
            <MenuItem icon={<ShieldOff size={18} />} onSelect={() => void client.setRole(id, ordinary)}>
              {role === Role.ROLE_HOST ? t('people.takeHost') : t('people.takeCoHost')}
            </MenuItem>
          )}
          {moderates && webinar && !isMe && role === Role.ROLE_PRESENTER && (
            <MenuItem icon={<Undo2 size={18} />} onSelect={() => void client.setRole(id, Role.ROLE_VIEWER)}>
              {t('webinar.backToAudience')}
            </MenuItem>
          )}
          {moderates && !isMe && (
            <>
              <MenuSeparator />
              <MenuItem danger icon={<UserX size={18} />} onSelect={() => setRemoving(true)}>
                {t('people.remove')}
              </MenuItem>
            </>
          )}
        </MenuContent>
      </Menu>
      <ConfirmDialog
        open={removing}
        onOpenChange={setRemoving}
        title={t('people.removeTitle', { name })}
        description={t('people.removeWords', { name })}
        action={t('people.remove')}
        onConfirm={() => {
          setRemoving(false);
          void client.remove(id);
        }}
      />
    </>
  );
}
