import { CapSource } from '../../edge/sources/cap-source.ts';
import { chooseCapture } from '../../edge/sources/choose-capture.ts';
import { FileSource } from '../../edge/sources/file-source.ts';
import type { PacketSource } from '../../edge/sources/packet-source.ts';
import { TcpdumpSource } from '../../edge/sources/tcpdump-source.ts';
import type { CaptureOptions } from './capture-options.ts';

/**
 * The sources of a run, not yet running.
 *
 * @param say Told which way of live capture it took and when packets are coming; default: a line on stderr.
 */
export async function openSources(
  source: CaptureOptions['source'],
  ports: readonly number[],
  say: (sentence: string) => void = (sentence) => process.stderr.write(`${sentence}\n`),
): Promise<PacketSource[]> {
  if ('files' in source) return source.files.map((file) => new FileSource(file));
  const { interfaceName, isMirrored } = source;
  let capture = source.capture;
  if (capture === null) {
    const choice = await chooseCapture(interfaceName);
    capture = choice.capture;
    say(choice.reason);
  }
  const onListening = () => {
    const tunnels = isMirrored ? ', and tunnels' : '';
    say(`capturing on ${interfaceName} (${capture}), port ${ports.join(', ')}${tunnels}; stop with Ctrl-C`);
  };
  const options = { interfaceName, ports, isMirrored, onListening };
  return [capture === 'tcpdump' ? new TcpdumpSource(options) : new CapSource(options)];
}
