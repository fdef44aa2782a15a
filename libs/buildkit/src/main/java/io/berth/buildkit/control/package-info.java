/** The services by which clients ask for builds. */
@NullMarked
package io.berth.buildkit.control;

import org.jspecify.annotations.NullMarked;
