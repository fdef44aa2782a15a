/** JUnit support for tests that need root and real kernel features. */
@NullMarked
package io.berth.kernel;

import org.jspecify.annotations.NullMarked;
