import type { BatchOrigin, ListingPart } from '../../ports/telemetry-intake.ts';

/** The listings that sources are in the middle of: a listing is whole when all its batches have come. */
export interface ShardListings {
  /**
   * Takes a batch that was not taken before.
   *
   * @returns the generation in which the listing began, once it is whole: what was not named since is gone
   */
  take(origin: BatchOrigin, part: ListingPart, generation: () => number): number | undefined;
}

interface OpenListing {
  readonly incarnation: number;
  readonly firstSequence: number;
  readonly generation: number;
  lastSequence: number;
  batches: number;
}

/** Sources of one namespace that list at the same time; of more, the one that began longest ago is given up. */
export const maxOpenListings = 16;

export function createShardListings(): ShardListings {
  const open = new Map<string, OpenListing>();

  return {
    take({ principal, source, incarnation, sequence }, { firstSequence, lastSequence }, generation) {
      const isWithin = sequence >= firstSequence && (lastSequence === 0 || sequence <= lastSequence);
      if (!isWithin) return undefined;
      const key = JSON.stringify([principal, source]);
      let listing = open.get(key);
      const isEarlier =
        listing && listing.incarnation === incarnation && firstSequence < listing.firstSequence;
      // What is left of a listing that its source has begun anew since.
      if (isEarlier) return undefined;
      if (listing?.incarnation !== incarnation || listing.firstSequence !== firstSequence) {
        open.delete(key);
        const [oldest] = open.keys();
        if (open.size >= maxOpenListings && oldest !== undefined) open.delete(oldest);
        listing = { incarnation, firstSequence, generation: generation(), lastSequence: 0, batches: 0 };
        open.set(key, listing);
      }
      listing.lastSequence = Math.max(listing.lastSequence, lastSequence);
      listing.batches++;
      const total = listing.lastSequence - firstSequence + 1;
      if (listing.lastSequence === 0 || listing.batches < total) return undefined;
      open.delete(key);
      return listing.generation;
    },
  };
}
