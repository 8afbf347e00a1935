/**
 * The LINKTYPE_ number for the name that `cap` gives a link type.
 * @returns null for one that cannot be known from the name.
 */
export function capLinkType(name: string): number | null {
  switch (name) {
    case 'NULL':
      return 0;
    case 'ETHERNET':
      return 1;
    case 'RAW':
      return 101;
    case 'LINKTYPE_LINUX_SLL':
      return 113;
    case 'IEEE802_11_RADIO':
      return 127;
    default: {
      // DLT_ and LINKTYPE_ numbers are the same from 104 on (pcap-common.c).
      const number = /^Unknown linktype (\d+)$/.exec(name)?.[1];
      return number === undefined || Number(number) < 104 ? null : Number(number);
    }
  }
}
