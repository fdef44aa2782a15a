/** Swarm mode over HTTP, on an engine that is in no swarm. */
@NullMarked
package io.berth.engine.swarm.web;

import org.jspecify.annotations.NullMarked;
