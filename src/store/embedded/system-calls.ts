/** Error numbers of WASI preview 1. */
const ERRNO = { success: 0, badDescriptor: 8, notSupported: 58 } as const;
const CLOCK_REALTIME = 0;
const CHARACTER_DEVICE = 2;
const STDERR = 2;

/** Imported by the wasm, and of no use to it here: files, directories, waiting. */
const REFUSED = [
  'fd_close',
  'fd_fdstat_set_flags',
  'fd_filestat_get',
  'fd_filestat_set_size',
  'fd_pread',
  'fd_prestat_dir_name',
  'fd_read',
  'fd_readdir',
  'fd_renumber',
  'fd_seek',
  'fd_sync',
  'path_create_directory',
  'path_filestat_get',
  'path_open',
  'path_rename',
  'path_unlink_file',
  'poll_oneoff',
  'sock_shutdown',
] as const;

type Call = (...args: never[]) => number;

/**
 * All the wasm may ask of the system: the time, and to print a line. It gets no file, no environment and
 * no connection from here; everything else it imports answers "not supported".
 * (`node:wasi` would do, but is experimental, prints a warning and offers far more.)
 */
export function systemCalls(
  memory: () => ArrayBuffer,
  print: (text: string) => void,
): Record<string, Call> {
  const view = () => new DataView(memory());
  const isOutput = (descriptor: number) => descriptor >= 0 && descriptor <= STDERR;
  const calls: Record<string, Call> = {
    clock_time_get: (clock: number, _precision: bigint, address: number) => {
      const nanoseconds =
        clock === CLOCK_REALTIME
          ? BigInt(Math.round((performance.timeOrigin + performance.now()) * 1000)) * 1000n
          : process.hrtime.bigint();
      view().setBigUint64(address, nanoseconds, true);
      return ERRNO.success;
    },
    environ_get: () => ERRNO.success,
    environ_sizes_get: (count: number, bytes: number) => {
      view().setUint32(count, 0, true);
      view().setUint32(bytes, 0, true);
      return ERRNO.success;
    },
    fd_fdstat_get: (descriptor: number, address: number) => {
      if (!isOutput(descriptor)) return ERRNO.badDescriptor;
      new Uint8Array(memory(), address, 24).fill(0);
      view().setUint8(address, CHARACTER_DEVICE);
      return ERRNO.success;
    },
    fd_prestat_get: () => ERRNO.badDescriptor,
    fd_write: (descriptor: number, vectors: number, count: number, written: number) => {
      if (!isOutput(descriptor)) return ERRNO.badDescriptor;
      const parts: Buffer[] = [];
      for (let index = 0; index < count; index += 1) {
        const address = view().getUint32(vectors + index * 8, true);
        const length = view().getUint32(vectors + index * 8 + 4, true);
        parts.push(Buffer.from(new Uint8Array(memory(), address, length)));
      }
      const text = Buffer.concat(parts);
      print(text.toString('utf8'));
      view().setUint32(written, text.length, true);
      return ERRNO.success;
    },
    proc_exit: (code: number) => {
      throw new Error(`The embedded store ended itself with code ${code}.`);
    },
    sched_yield: () => ERRNO.success,
  };
  for (const name of REFUSED) calls[name] = () => ERRNO.notSupported;
  return calls;
}
