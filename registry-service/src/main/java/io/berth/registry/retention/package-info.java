/**
 * Tags that go by themselves when no rule keeps them any more.
 */
@NullMarked
package io.berth.registry.retention;

import org.jspecify.annotations.NullMarked;
