/**
 * Wire records of the Engine API's container section.
 */
@NullMarked
package io.berth.docker.container;

import org.jspecify.annotations.NullMarked;
