/**
 * What containers have mounted: how requests spell it, what it means, and how it is handed to the kernel.
 */
@NullMarked
package io.berth.engine.mount;

import org.jspecify.annotations.NullMarked;
