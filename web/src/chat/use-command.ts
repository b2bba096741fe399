/** A command that was written into the field: asked, answered, or refused. */
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { ApiError, api, type CommandAnswer, hasCode } from '@/api';
import { randomId } from '@/core';
import type { WrittenCommand } from './slash-commands';

interface Asked extends WrittenCommand {
  /** The same when it is asked again: what is for all is posted once. */
  readonly clientId: string;
  readonly acknowledged?: boolean;
  readonly reason?: string;
}

export interface RunningCommand {
  /** The one that is on its way. */
  readonly asking: WrittenCommand | null;
  /** What is for this person alone. */
  readonly answer: CommandAnswer | null;
  readonly refusal: { readonly code: string; readonly message: string } | null;
  readonly run: (written: WrittenCommand) => void;
  /** Asks again with what the person answered to a rule. */
  readonly retry: (answer: { dlpAcknowledged?: boolean; dlpReason?: string }) => void;
  readonly close: () => void;
}

/** A rule asks on the spot, and sends the same text again. */
const asksBack = (error: unknown): boolean => hasCode(error, 'CHAT_DLP_WARNED', 'CHAT_DLP_REASON');

/** @param failed A command that was not answered: its text belongs back into the field. */
export function useCommand(conversationId: string, failed: (written: WrittenCommand) => void): RunningCommand {
  const [refused, setRefused] = useState<Asked | null>(null);
  const { mutate, reset, isPending, variables, data, error } = useMutation({
    mutationFn: (asked: Asked) => api.chat.command(conversationId, asked),
    onSuccess: () => setRefused(null),
    onError: (thrown, asked) => {
      setRefused(asked);
      if (!asksBack(thrown)) failed(asked);
    },
  });
  return {
    asking: isPending ? (variables ?? null) : null,
    answer: data?.visible === 'me' ? data : null,
    refusal: error ? { code: error instanceof ApiError ? error.code : '', message: error.message } : null,
    run: ({ command, text }) => mutate({ command, text, clientId: randomId() }),
    retry: ({ dlpAcknowledged = false, dlpReason = '' }) => {
      if (refused) mutate({ ...refused, acknowledged: dlpAcknowledged, reason: dlpReason });
    },
    close: () => {
      if (refused && asksBack(error)) failed(refused);
      setRefused(null);
      reset();
    },
  };
}
