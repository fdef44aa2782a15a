/**
 * Wire records of the Engine API's system section.
 */
@NullMarked
package io.berth.docker.system;

import org.jspecify.annotations.NullMarked;
