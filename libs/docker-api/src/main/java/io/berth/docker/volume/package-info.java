/**
 * Wire records of the Engine API's volume section.
 */
@NullMarked
package io.berth.docker.volume;

import org.jspecify.annotations.NullMarked;
