/**
 * A process that has one model and nothing else: a file that is no model, and a decoder that reads beyond
 * its input, end the process and not the promise. It ends with the process that started it.
 */
import { setPriority } from 'node:os';
import sherpa, { type OfflineRecognizer } from 'sherpa-onnx-node';
import { type FromEngine, type Model, toEngine } from './engine-messages.js';
import { sampleRate } from './speech-engine.js';

let loaded: { readonly recognizer: OfflineRecognizer; readonly model: Model; language: string } | undefined;

// Meetings come first: a late caption is a nuisance, late sound is worse. Not the last either: a third of a share.
setPriority(5);
process.on('disconnect', () => process.exit(0));
process.on('message', (message) => {
  const told = toEngine.parse(message);
  if (told.what === 'load') void load(told.model);
  else void recognize(told.id, told.audio, told.language);
});

async function load(model: Model): Promise<void> {
  const language = modelLanguage(model, 'auto');
  try {
    loaded = { recognizer: await sherpa.OfflineRecognizer.createAsync(configuration(model, language)), model, language };
    say({ what: 'ready' });
  } catch (error) {
    say({ what: 'unusable', why: sentence(error) });
  }
}

/** One utterance at a time: the language is part of the recognizer's configuration, and the captioner waits for each answer. */
async function recognize(id: number, audio: Float32Array, spoken: string): Promise<void> {
  try {
    if (!loaded) throw new Error('no model is loaded');
    const { recognizer, model } = loaded;
    const language = modelLanguage(model, spoken);
    if (language !== loaded.language) {
      recognizer.setConfig(configuration(model, language));
      loaded.language = language;
    }
    const stream = recognizer.createStream();
    stream.acceptWaveform({ samples: audio, sampleRate });
    const { text, lang } = await recognizer.decodeAsync(stream);
    say({ what: 'recognized', id, text: text.trim(), language: spokenLanguage(lang) });
  } catch (error) {
    say({ what: 'refused', id, why: sentence(error) });
  }
}

function configuration(model: Model, language: string): object {
  const shared = { tokens: model.tokens, numThreads: 1, provider: 'cpu' };
  const featConfig = { sampleRate, featureDim: 80 };
  switch (model.engine) {
    case 'moonshine':
      return { featConfig, modelConfig: { ...shared, moonshine: { encoder: model.encoder, mergedDecoder: model.decoder } } };
    case 'sense-voice':
      return { featConfig, modelConfig: { ...shared, senseVoice: { model: model.model, language, useInverseTextNormalization: 1 } } };
  }
}

/** As the model names it. Moonshine has but one; what SenseVoice has no name for, it finds out. */
function modelLanguage({ engine }: Model, spoken: string): string {
  if (engine === 'moonshine') return '';
  if (spoken === 'cmn') return 'zh';
  return ['en', 'yue', 'ja', 'ko'].includes(spoken) ? spoken : 'auto';
}

/** `<|yue|>` is what the model says. */
function spokenLanguage(said: string): string | null {
  const language = /^<\|([a-z]{2,3})\|>$/.exec(said)?.[1];
  if (language === undefined) return null;
  return language === 'zh' ? 'cmn' : language;
}

function sentence(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function say(message: FromEngine): void {
  process.send?.(message);
}
