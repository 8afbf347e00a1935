import { CapSource } from '../../edge/sources/cap-source.ts';
import { chooseCapture } from '../../edge/sources/choose-capture.ts';
import { FileSource } from '../../edge/sources/file-source.ts';
import type { PacketSource } from '../../edge/sources/packet-source.ts';
import { TcpdumpSource } from '../../edge/sources/tcpdump-source.ts';
import type { RunOptions } from './run-options.ts';

/** The sources of a run, not yet running. Says on stderr which way of live capture it took and when packets are coming. */
export async function openSources(source: RunOptions['source'], ports: readonly number[]): Promise<PacketSource[]> {
  if ('files' in source) return source.files.map((file) => new FileSource(file));
  const { interfaceName, isMirrored } = source;
  let capture = source.capture;
  if (capture === null) {
    const choice = await chooseCapture(interfaceName);
    capture = choice.capture;
    process.stderr.write(`${choice.reason}\n`);
  }
  const onListening = () => {
    process.stderr.write(
      `capturing on ${interfaceName} (${capture}), port ${ports.join(', ')}${isMirrored ? ', and tunnels' : ''}; stop with Ctrl-C\n`,
    );
  };
  const options = { interfaceName, ports, isMirrored, onListening };
  return [capture === 'tcpdump' ? new TcpdumpSource(options) : new CapSource(options)];
}
