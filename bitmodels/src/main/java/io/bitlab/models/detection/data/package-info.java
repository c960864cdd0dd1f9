/**
 * Photographs with the boxes of their objects: from annotation files, or drawn by code.
 */
package io.bitlab.models.detection.data;
