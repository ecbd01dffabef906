(** The pinned statements about matrices: this file and DefinitionsMatrix.v are what a referee
    reads.

    Each theorem is restated in full, proved by [exact], and followed by its axioms (none).
    They hold over every ordered field R with decidable order.  "c is an upper bound of the
    Rayleigh quotient of f" stands for c >= lambda_max(f).

    Source: K. Nar, S. S. Sastry, "Step Size Matters in Deep Learning", 2018,
    Lemmas 1 and 2, Theorem 1, Corollary 1. *)

Set Warnings "-notation-overridden,-ambiguous-paths".
From mathcomp Require Import all_ssreflect all_algebra.
From Symgd Require Import DefinitionsMatrix.
From Symgd Require Lem12 Chain.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import GRing.Theory Num.Theory.
Local Open Scope ring_scope.

(** ** Lemma 1 *)

Theorem pin_lem1_trace : forall (R : realFieldType) (n : nat) (A B : 'M[R]_n),
  psd A -> psd B -> 0 <= \tr (A *m B).
Proof. exact Lem12.lem1_trace. Qed.
Print Assumptions pin_lem1_trace.

(** ** Lemma 2: f(X) = sum_i A_i X B_i *)

(** f is symmetric for <X, Y> = tr(X^T Y) ... *)
Theorem pin_lem2_symmetric : forall (R : realFieldType) (m n r : nat)
    (A : 'I_r -> 'M[R]_m) (B : 'I_r -> 'M[R]_n) (X Y : 'M[R]_(m, n)),
  (forall i, symmetric (A i)) -> (forall i, symmetric (B i)) ->
  inner X (sandwich A B Y) = inner (sandwich A B X) Y.
Proof. exact Lem12.lem2_symmetric. Qed.
Print Assumptions pin_lem2_symmetric.

(** ... and positive semidefinite. *)
Theorem pin_lem2_psd : forall (R : realFieldType) (m n r : nat)
    (A : 'I_r -> 'M[R]_m) (B : 'I_r -> 'M[R]_n) (X : 'M[R]_(m, n)),
  (forall i, psd (A i)) -> (forall i, psd (B i)) -> 0 <= inner X (sandwich A B X).
Proof. exact Lem12.lem2_psd. Qed.
Print Assumptions pin_lem2_psd.

(** Its quadratic form at X = u v^T. *)
Theorem pin_lem2_rayleigh : forall (R : realFieldType) (m n r : nat)
    (A : 'I_r -> 'M[R]_m) (B : 'I_r -> 'M[R]_n) (u : 'cV[R]_m) (v : 'cV[R]_n),
  inner (u *m v^T) (sandwich A B (u *m v^T)) = \sum_i form (A i) u * form (B i) v.
Proof. exact Lem12.lem2_rayleigh. Qed.
Print Assumptions pin_lem2_rayleigh.

(** Every upper bound c of the Rayleigh quotient obeys the bound of Lemma 2; no hypothesis on
    A_i, B_i is needed. *)
Theorem pin_lem2_bound : forall (R : realFieldType) (m n r : nat)
    (A : 'I_r -> 'M[R]_m) (B : 'I_r -> 'M[R]_n) (c : R) (u : 'cV[R]_m) (v : 'cV[R]_n),
  (forall X : 'M[R]_(m, n), inner X (sandwich A B X) <= c * inner X X) ->
  u != 0 -> v != 0 ->
  (\sum_i form (A i) u * form (B i) v) / (norm2 u * norm2 v) <= c.
Proof. exact Lem12.lem2_bound. Qed.
Print Assumptions pin_lem2_bound.

(** The case that Theorem 1 uses: P_i = W_{L:i+1}, Q_i = W_{i-1:1}. *)
Theorem pin_lem2_thm1 : forall (R : realFieldType) (m n r : nat) (p q : 'I_r -> nat)
    (P : forall i, 'M[R]_(m, p i)) (Q : forall i, 'M[R]_(q i, n))
    (c : R) (u : 'cV[R]_m) (v : 'cV[R]_n),
  (forall X : 'M[R]_(m, n),
     inner X (sandwich (fun i => P i *m (P i)^T) (fun i => (Q i)^T *m Q i) X)
     <= c * inner X X) ->
  norm2 u = 1 -> norm2 v = 1 ->
  \sum_i norm2 ((P i)^T *m u) * norm2 (Q i *m v) <= c.
Proof. exact Lem12.lem2_thm1. Qed.
Print Assumptions pin_lem2_thm1.

(** The norm of u v^T. *)
Theorem pin_lem2_norm : forall (R : realFieldType) (m n : nat) (u : 'cV[R]_m) (v : 'cV[R]_n),
  inner (u *m v^T) (u *m v^T) = norm2 u * norm2 v.
Proof. exact Lem12.inner_rank1. Qed.
Print Assumptions pin_lem2_norm.

(** ** Theorem 1 and Corollary 1, for L layers of any shapes (numbered from 0) *)

(** Cauchy and Schwarz. *)
Theorem pin_cauchy_schwarz : forall (R : realFieldType) (m n : nat) (X Y : 'M[R]_(m, n)),
  inner X Y ^+ 2 <= inner X X * inner Y Y.
Proof. exact Chain.cauchy_schwarz. Qed.
Print Assumptions pin_cauchy_schwarz.

(** p_k^2 q_(k+1)^2 >= (u^T R v)^2 for the product R of all layers; for the singular vectors u, v of
    its largest singular value rho the right side is rho^2. *)
Theorem pin_thm1_pair : forall (R : realFieldType) (p : nat -> nat) (L : nat) (W : layers R p)
    (P : forall k, 'M[R]_(p L, p k)) (u : 'cV[R]_(p L)) (v : 'cV[R]_(p 0%N)) (k : nat),
  products_above W P -> (k <= L)%N ->
  (u^T *m chain W L *m v) 0 0 ^+ 2 <= norm2 ((P k)^T *m u) * norm2 (chain W k *m v).
Proof. exact (fun R p L W P u v k H => @Chain.pair R p L W P H u v k). Qed.
Print Assumptions pin_thm1_pair.

(** Let c be an upper bound of the Rayleigh quotient of the error map, whose A_i, B_i are the
    W_(L:i+1) W_(L:i+1)^T and W_(i-1:1)^T W_(i-1:1): then c is at least the sum of Theorem 1, and
    L times the power (2(L-1)/L) of u^T R v, as in Corollary 1. *)
Theorem pin_thm1_cor1 : forall (R : realFieldType) (p : nat -> nat) (L : nat) (W : layers R p)
    (P : forall k, 'M[R]_(p L, p k)) (u : 'cV[R]_(p L)) (v : 'cV[R]_(p 0%N)) (c : R),
  products_above W P -> (0 < L)%N -> norm2 u = 1 -> norm2 v = 1 ->
  (forall X : 'M[R]_(p L, p 0%N),
     inner X (sandwich (fun i : 'I_L => P i.+1 *m (P i.+1)^T)
                       (fun i : 'I_L => (chain W i)^T *m chain W i) X) <= c * inner X X) ->
  \sum_(i < L) norm2 ((P i.+1)^T *m u) * norm2 (chain W i *m v) <= c /\
  ((u^T *m chain W L *m v) 0 0 ^+ 2) ^+ L.-1 <= (c / L%:R) ^+ L.
Proof. exact (fun R p L W P u v c H => @Chain.thm1_cor1 R p L W P H u v c). Qed.
Print Assumptions pin_thm1_cor1.

(** ** Rescaling, for layers of any shapes *)

(** The product of rescaled layers ... *)
Theorem pin_inv_chain : forall (R : realFieldType) (p : nat -> nat) (W : layers R p) (alpha : nat -> R) (k : nat),
  chain (fun i => alpha i *: W i) k = (\prod_(i < k) alpha i) *: chain W k.
Proof. exact Chain.chain_scaled. Qed.
Print Assumptions pin_inv_chain.

(** ... and local minima of a loss of the product are sent to local minima by factors with
    product 1. *)
Theorem pin_inv_minima : forall (R : realFieldType) (p : nat -> nat) (loss : forall L, 'M[R]_(p L, p 0%N) -> R) (L : nat)
    (W : layers R p) (alpha : nat -> R),
  \prod_(i < L) alpha i = 1 ->
  local_min (fun W => loss L (chain W L)) L W ->
  local_min (fun W => loss L (chain W L)) L (fun i => alpha i *: W i).
Proof. exact Chain.chain_rescaled. Qed.
Print Assumptions pin_inv_minima.
