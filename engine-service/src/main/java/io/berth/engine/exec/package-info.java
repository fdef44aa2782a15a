/**
 * Further processes in running containers.
 */
@NullMarked
package io.berth.engine.exec;

import org.jspecify.annotations.NullMarked;
