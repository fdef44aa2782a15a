/**
 * Containers as the kernel knows them: what to launch, what runs, how it ended.
 */
@NullMarked
package io.berth.engine.runtime;

import org.jspecify.annotations.NullMarked;
