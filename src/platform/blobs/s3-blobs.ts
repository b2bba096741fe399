/** Blobs in an S3-compatible store. */
import { Readable } from 'node:stream';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  PutObjectCommand,
  paginateListObjectsV2,
  S3Client,
  S3ServiceException,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import type { Log } from '../log.js';
import type { BlobInfo, BlobStore } from './blob-store.js';
import { BlobStoreError } from './blob-store-error.js';
import { checkKey, checkPrefix } from './keys.js';

export interface S3Options {
  readonly endpoint: string;
  readonly bucket: string;
  readonly region: string;
  /** Without them: as the AWS tools find theirs (environment, profile, role of the machine). */
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
  readonly log: Log;
}

/** S3 takes parts from 5 MiB, and 10,000 of them: so 80 GB at most. */
const partBytes = 8 * 1_048_576;

export class S3Blobs implements BlobStore {
  readonly #client: S3Client;
  readonly #bucket: string;
  readonly #log: Log;

  private constructor(options: S3Options) {
    this.#bucket = options.bucket;
    this.#log = options.log;
    this.#client = new S3Client({
      endpoint: options.endpoint,
      region: options.region,
      forcePathStyle: true,
      ...(options.credentials ? { credentials: options.credentials } : {}),
      // Newer SDKs add checksums that only Amazon's own S3 is sure to know.
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
    });
  }

  /** @throws {BlobStoreError} with a sentence when the store can't be used. */
  static async open(options: S3Options): Promise<S3Blobs> {
    const blobs = new S3Blobs(options);
    try {
      await blobs.#findBucket();
      return blobs;
    } catch (error) {
      await blobs.close();
      const reason = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
      const { host } = new URL(options.endpoint);
      throw new BlobStoreError(`The bucket "${options.bucket}" at ${host} can't be used: ${reason}. Check the CAUSEWAY_S3_ settings.`, {
        cause: error,
      });
    }
  }

  async put(key: string, content: Readable | Uint8Array): Promise<BlobInfo> {
    checkKey(key);
    await this.#upload(key, content instanceof Readable ? parts(content) : [content]);
    const info = await this.stat(key);
    if (!info) throw new Error(`The blob ${key} was deleted while it was written.`);
    return info;
  }

  async get(key: string, range?: { start: number; end?: number }): Promise<Readable | null> {
    checkKey(key);
    // A store ignores a part that ends before it begins, and would give everything.
    if (range?.end !== undefined && range.end < range.start) return (await this.stat(key)) ? Readable.from([]) : null;
    try {
      const Range = range ? `bytes=${range.start}-${range.end ?? ''}` : undefined;
      const { Body } = await this.#client.send(new GetObjectCommand({ ...this.#at(key), Range }));
      if (!(Body instanceof Readable)) throw new Error(`The store gave no stream for the blob ${key}.`);
      return Body;
    } catch (error) {
      if (isAbsent(error)) return null;
      // RFC 9110 section 15.5.17: the part begins behind the end.
      if (statusOf(error) === 416) return Readable.from([]);
      throw error;
    }
  }

  async stat(key: string): Promise<BlobInfo | null> {
    checkKey(key);
    try {
      const found = await this.#client.send(new HeadObjectCommand(this.#at(key)));
      return { key, size: found.ContentLength ?? 0, modifiedAt: found.LastModified ?? new Date(0) };
    } catch (error) {
      if (isAbsent(error)) return null;
      throw error;
    }
  }

  async delete(key: string): Promise<void> {
    checkKey(key);
    await this.#client.send(new DeleteObjectCommand(this.#at(key))).catch((error: unknown) => {
      if (!isAbsent(error)) throw error;
    });
  }

  async *list(prefix: string): AsyncIterable<BlobInfo> {
    checkPrefix(prefix);
    for await (const page of paginateListObjectsV2({ client: this.#client }, { Bucket: this.#bucket, Prefix: prefix })) {
      for (const { Key, Size, LastModified } of page.Contents ?? []) {
        if (Key !== undefined) yield { key: Key, size: Size ?? 0, modifiedAt: LastModified ?? new Date(0) };
      }
    }
  }

  async healthy(): Promise<boolean> {
    try {
      await this.#client.send(new HeadBucketCommand({ Bucket: this.#bucket }), { abortSignal: AbortSignal.timeout(2_000) });
      return true;
    } catch {
      return false;
    }
  }

  async close(): Promise<void> {
    this.#client.destroy();
  }

  #at(key: string): { Bucket: string; Key: string } {
    return { Bucket: this.#bucket, Key: key };
  }

  async #findBucket(): Promise<void> {
    const Bucket = this.#bucket;
    try {
      await this.#client.send(new HeadBucketCommand({ Bucket }));
    } catch (error) {
      if (!isAbsent(error)) throw error;
      await this.#client.send(new CreateBucketCommand({ Bucket }));
      this.#log.info({ bucket: Bucket }, 'blobs: made the bucket');
    }
  }

  /** One part goes as one object; more go as a multipart upload, which shows nothing before it is complete. */
  async #upload(key: string, content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<void> {
    let uploadId: string | undefined;
    let waiting: Uint8Array | undefined;
    const done: { PartNumber: number; ETag: string | undefined }[] = [];
    const send = async (part: Uint8Array) => {
      const PartNumber = done.length + 1;
      const { ETag } = await this.#client.send(new UploadPartCommand({ ...this.#at(key), UploadId: uploadId, PartNumber, Body: part }));
      done.push({ PartNumber, ETag });
    };
    try {
      for await (const part of content) {
        if (waiting) {
          uploadId ??= (await this.#client.send(new CreateMultipartUploadCommand(this.#at(key)))).UploadId;
          await send(waiting);
        }
        waiting = part;
      }
      const last = waiting ?? new Uint8Array();
      if (uploadId === undefined) {
        await this.#client.send(new PutObjectCommand({ ...this.#at(key), Body: last }));
        return;
      }
      await send(last);
      await this.#client.send(
        new CompleteMultipartUploadCommand({ ...this.#at(key), UploadId: uploadId, MultipartUpload: { Parts: done } }),
      );
    } catch (error) {
      if (uploadId !== undefined) {
        await this.#client
          .send(new AbortMultipartUploadCommand({ ...this.#at(key), UploadId: uploadId }))
          .catch((failure: unknown) => this.#log.warn({ err: failure, key }, 'blobs: a broken upload could not be cleared away'));
      }
      throw error;
    }
  }
}

/** Gathers a stream into parts of equal size; the last one may be smaller. */
async function* parts(stream: Readable): AsyncIterable<Uint8Array> {
  let chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of stream) {
    let bytes: Buffer = Buffer.from(chunk);
    while (size + bytes.length >= partBytes) {
      const fits = bytes.subarray(0, partBytes - size);
      yield Buffer.concat([...chunks, fits]);
      bytes = bytes.subarray(fits.length);
      chunks = [];
      size = 0;
    }
    if (bytes.length > 0) chunks.push(bytes);
    size += bytes.length;
  }
  if (size > 0) yield Buffer.concat(chunks);
}

function statusOf(error: unknown): number | undefined {
  return error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined;
}

function isAbsent(error: unknown): boolean {
  return statusOf(error) === 404;
}
