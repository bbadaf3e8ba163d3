/**
 * CUDA's numbers of GPUs that are in the order of their places on the bus, for processes that are started with
 * CUDA_DEVICE_ORDER=PCI_BUS_ID: as in "CUDA Environment Variables" of NVIDIA's CUDA C++ Programming Guide, only those that
 * CUDA_VISIBLE_DEVICES lists are seen, in its order, up to the first that does not exist.
 *
 * @param visible CUDA_VISIBLE_DEVICES; undefined: all are seen
 * @returns for each GPU its number, null for one that CUDA does not see
 */
export function cudaIndices(
  uuids: readonly (string | null)[],
  visible: string | undefined,
): readonly (number | null)[] {
  if (visible === undefined) return uuids.map((_, index) => index);
  const seen: number[] = [];
  for (const entry of visible.split(',').map((text) => text.trim())) {
    const place = placeOf(entry, uuids);
    // A device listed twice is an error that hides all of them.
    if (place !== null && seen.includes(place)) return uuids.map(() => null);
    if (place === null) break;
    seen.push(place);
  }
  return uuids.map((_, place) => (seen.includes(place) ? seen.indexOf(place) : null));
}

/** Null for what is none: no number, a number that is too high, or a beginning of a UUID that is not one GPU's alone. */
function placeOf(entry: string, uuids: readonly (string | null)[]): number | null {
  if (/^\d+$/.test(entry)) return Number(entry) < uuids.length ? Number(entry) : null;
  if (!entry.startsWith('GPU-')) return null;
  const places = uuids.flatMap((uuid, place) => (uuid?.startsWith(entry) === true ? [place] : []));
  return places.length === 1 ? (places[0] ?? null) : null;
}
