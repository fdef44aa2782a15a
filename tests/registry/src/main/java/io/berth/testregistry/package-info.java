/** A registry within the test's own process, for tests of whoever talks to registries. */
@NullMarked
package io.berth.testregistry;

import org.jspecify.annotations.NullMarked;
