/** So often a quiet watch says that it lives, milliseconds: below the idle limits of common proxies (30 s and more). */
export const watchHeartbeatMs = 10_000;

/**
 * A watch that said nothing for so long is lost, milliseconds: three signs of life in a row did not come, so that one that is late
 * or a service that was busy for a moment costs nobody the connection.
 */
export const watchSilenceMs = 3 * watchHeartbeatMs;
