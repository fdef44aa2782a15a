/**
 * Wire records of the Engine API's exec section.
 */
@NullMarked
package io.berth.docker.exec;

import org.jspecify.annotations.NullMarked;
