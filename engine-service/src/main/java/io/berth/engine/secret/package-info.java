/**
 * Secrets and configs of this node, without a cluster: kept sealed, given to containers as files in memory.
 */
@NullMarked
package io.berth.engine.secret;

import org.jspecify.annotations.NullMarked;
