import type { WatchEvent } from '../domain/event.ts';
import type { Incident } from '../domain/incident.ts';
import type { Scene } from '../domain/scene.ts';

/** A scene and the revision under which it is kept; 0 and an empty one where nothing is kept yet. */
export interface KeptScene {
  readonly scene: Scene;
  readonly revision: number;
}

/** What follows from an observation, to be kept as a whole or not at all. */
export interface SceneStep {
  readonly scene: Scene;
  /** The revision it was made from. */
  readonly revision: number;
  readonly events: readonly WatchEvent[];
  readonly incidents: readonly Incident[];
}

/** What is known of watched devices. All methods throw STORE_UNAVAILABLE when Redis does not answer. */
export interface WatchRecords {
  revision(lane: string): Promise<number>;
  /** Throws INTERNAL for a scene of another version: it is left alone. */
  read(lane: string): Promise<KeptScene>;
  /**
   * Keeps scene, events and incidents in one atomic step, and notes that the incidents are to be shown. `false` when
   * another writer was faster; then nothing was kept.
   */
  commit(step: SceneStep): Promise<boolean>;
  /**
   * Keeps an incident that belongs to no scene, and notes that it is to be shown. `false` when the kept one is not the
   * revision before it (none for revision 1); then nothing was kept.
   */
  keep(incident: Incident): Promise<boolean>;
  incident(id: string): Promise<Incident | undefined>;
  /** Ids of incidents of which something is not shown yet. */
  due(): Promise<readonly string[]>;
  /** The incident is shown as of this revision; it stays due when there is a later one. */
  shown(id: string, revision: number): Promise<void>;
  /** Events of these lanes, newest first. */
  events(lanes: readonly string[], limit: number): Promise<readonly WatchEvent[]>;
}
